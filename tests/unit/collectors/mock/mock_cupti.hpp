// SPDX-License-Identifier: Apache-2.0
// A libcupti.so.13 without a GPU, and the strings to pull on it. It carries the symbol versions of the real
// one, so that the injection library binds to it, and holds one lock of its own while it calls back, as the
// real one may, so that a lock taken in the wrong order hangs the test.
#pragma once

#include <cupti.h>

#include <cstddef>
#include <cstdint>

extern "C" {

/// Puts a record into the current buffer; a full buffer is delivered first. Strings must stay alive.
void mock_emit(const void* record, std::size_t bytes);
/// The next flush that is not forced keeps the current buffer back, as if a kernel in it still ran.
void mock_hold(bool hold);
/// Delivers the current buffer as it would one that is full.
void mock_deliver();
/// Takes and keeps buffers, as a GPU does that is far behind; mock_return_buffers gives them back empty.
void mock_request_buffers(std::size_t count);
void mock_return_buffers();
/// As if so many records had found no buffer.
void mock_drop(std::size_t records);
/// Calls the subscriber, if this callback is enabled.
void mock_call_back(CUpti_CallbackDomain domain, CUpti_CallbackId id, const void* data);
/// Waits until all that was emitted before has been flushed by the collector's own thread, and is written.
void mock_wait_for_flush();

void mock_set_version(std::uint32_t version);
/// cuptiSubscribe_v2 forks, as the driver does to run its helper programs.
void mock_run_helper_at_start();
void mock_attach_other(const char* name);
void mock_fail_enable(CUpti_ActivityKind kind);
bool mock_is_enabled(CUpti_ActivityKind kind);
bool mock_is_subscribed();
bool mock_nvtx_attached();
}
