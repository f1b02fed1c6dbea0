// SPDX-License-Identifier: Apache-2.0
// The one copy of Asio, its TLS part and Beast in the process.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
