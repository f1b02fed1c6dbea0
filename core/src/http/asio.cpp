// SPDX-License-Identifier: Apache-2.0
// The one copy of Asio, its TLS part and Beast in the process.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
// Unlike Asio, Beast does not mark what a shared library has to export: the emulator's server parses with it.
#pragma GCC visibility push(default)
#include <boost/beast/src.hpp>
#pragma GCC visibility pop
