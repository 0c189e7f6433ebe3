# SPDX-License-Identifier: Apache-2.0
# The picture of sim/README.md: gnuplot experiments/max_plus.gp, into experiments/max_plus.svg.
# Eight kernels after one another by the rules of sim/replay/contract.hpp: dispatch d on the host, latency, duration k.
kernels = "2 2 9 9 9 2 2 2"
d = 4
latency = 2
set terminal svg size 760,250 font "DejaVu Sans,13" background rgb "white"
set output "experiments/max_plus.svg"
host = 0
stream = 0
set style rect fs solid 0.9 border lc rgb "#202020"
do for [i = 1:words(kernels)] {
  k = real(word(kernels, i))
  set object 2*i rect from host,1.1 to host + d,1.7 fc rgb "#9ecae1"
  set label 2*i sprintf("%d", i) at host + d/2.0,1.4 center
  host = host + d
  begin = (host + latency > stream) ? host + latency : stream
  waits = host + latency >= stream   # the host decides when it starts, or the kernel before it
  set object 2*i + 1 rect from begin,0.1 to begin + k,0.7 fc rgb (waits ? "#9ecae1" : "#fdae6b")
  set label 2*i + 1 sprintf("%d", i) at begin + k/2.0,0.4 center
  if (waits) {
    set arrow i from host,1.1 to begin,0.72 lc rgb "#505050"
  }
  stream = begin + k
}
set xrange [-0.5:stream + 1]
set yrange [0:2.1]
set ytics ("GPU stream" 0.4, "host thread" 1.4) scale 0
set xlabel "time (a dispatch takes 4)"
set border 1
set xtics nomirror
set title "blue: as soon as the host has launched it; orange: as soon as the stream is free" font ",12"
plot NaN notitle
