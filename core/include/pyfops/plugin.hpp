// SPDX-License-Identifier: Apache-2.0
// The handshake between libpyfops and a plugin: plain C data that is read and compared before any C++ of
// the plugin runs. See docs/abi.md.
#pragma once

#include <boost/version.hpp>

#include <cstdint>
#include <exception>
#include <type_traits>

#define PYFOPS_PLUGIN_MAGIC 0x50594650u // "PYFP"
/// Changes with every change of a plugin-facing header (tests/house/abi_test.py keeps this true).
#define PYFOPS_ABI_VERSION 2u

#define PYFOPS_STR2(x) #x
#define PYFOPS_STR(x) PYFOPS_STR2(x)

#if defined(__clang__)
#define PYFOPS_BUILD_COMPILER "clang-" PYFOPS_STR(__clang_major__)
#else
#define PYFOPS_BUILD_COMPILER "gcc-" PYFOPS_STR(__GNUC__)
#endif
#if defined(_GLIBCXX_USE_CXX11_ABI) && _GLIBCXX_USE_CXX11_ABI
#define PYFOPS_BUILD_LIBRARY "libstdc++-cxx11"
#else
#define PYFOPS_BUILD_LIBRARY "other-library"
#endif
#if defined(_GLIBCXX_ASSERTIONS)
#define PYFOPS_BUILD_ASSERTIONS " assertions"
#else
#define PYFOPS_BUILD_ASSERTIONS ""
#endif
#if defined(__SANITIZE_ADDRESS__)
#define PYFOPS_BUILD_SANITIZER " asan"
#elif defined(__SANITIZE_THREAD__)
#define PYFOPS_BUILD_SANITIZER " tsan"
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PYFOPS_BUILD_SANITIZER " asan"
#elif __has_feature(thread_sanitizer)
#define PYFOPS_BUILD_SANITIZER " tsan"
#endif
#endif
#ifndef PYFOPS_BUILD_SANITIZER
#define PYFOPS_BUILD_SANITIZER ""
#endif

/// Compiler family and major, standard library, C++ standard, Boost, assertions, sanitizer.
#define PYFOPS_BUILD_FINGERPRINT                                                                             \
    PYFOPS_BUILD_COMPILER " " PYFOPS_BUILD_LIBRARY " c++" PYFOPS_STR(                                        \
        __cplusplus) " boost-" BOOST_LIB_VERSION PYFOPS_BUILD_ASSERTIONS PYFOPS_BUILD_SANITIZER

extern "C" {

/// Filled by `create` when it fails; always ends with a zero byte.
struct PyfopsErrorText {
    char text[1024];
};

/// Append only. Exported as `pyfops_plugin` (a provider) or `pyfops_emulator_face` (its local stand-in).
struct PyfopsPluginDescriptor {
    std::uint32_t magic;
    std::uint32_t struct_size;
    std::uint32_t abi_version;
    const char* build;   ///< PYFOPS_BUILD_FINGERPRINT of the plugin
    const char* id;      ///< "aws"; the same as in the file's name
    const char* version; ///< "0.1.0"
    /// A Provider* or EmulatorFace*, owned by the caller and given back to `destroy`; nullptr: see the text.
    void* (*create)(PyfopsErrorText*) noexcept;
    void (*destroy)(void*) noexcept;
};
}

namespace pyfops::detail {

inline void copy_text(const char* from, PyfopsErrorText* to) noexcept {
    std::size_t i = 0;
    for (; from[i] != 0 && i + 1 < sizeof(to->text); ++i)
        to->text[i] = from[i];
    to->text[i] = 0;
}

/// `create` must not let an exception across: it belongs to the plugin.
template <class Interface, class Implementation>
void* create_plugin(PyfopsErrorText* error) noexcept {
    static_assert(std::is_base_of_v<Interface, Implementation>);
    try {
        return static_cast<Interface*>(new Implementation());
    } catch (const std::exception& failure) {
        copy_text(failure.what(), error);
    } catch (...) {
        copy_text("an exception of unknown type", error);
    }
    return nullptr;
}

template <class Interface>
void destroy_plugin(void* object) noexcept {
    delete static_cast<Interface*>(object);
}

} // namespace pyfops::detail

#define PYFOPS_EXPORT_PLUGIN(symbol, Interface, Implementation, plugin_id, plugin_version)                   \
    extern "C" __attribute__((visibility("default")))                                                        \
    const PyfopsPluginDescriptor symbol = {PYFOPS_PLUGIN_MAGIC,                                              \
                                           sizeof(PyfopsPluginDescriptor),                                   \
                                           PYFOPS_ABI_VERSION,                                               \
                                           PYFOPS_BUILD_FINGERPRINT,                                         \
                                           plugin_id,                                                        \
                                           plugin_version,                                                   \
                                           &pyfops::detail::create_plugin<Interface, Implementation>,        \
                                           &pyfops::detail::destroy_plugin<Interface>};

/// The last line of a provider plugin: PYFOPS_PLUGIN(aws::AwsProvider, "aws", "0.1.0")
#define PYFOPS_PLUGIN(Implementation, plugin_id, plugin_version)                                             \
    PYFOPS_EXPORT_PLUGIN(pyfops_plugin, pyfops::Provider, Implementation, plugin_id, plugin_version)

/// The last line of a provider's emulator face.
#define PYFOPS_EMULATOR_FACE(Implementation, plugin_id, plugin_version)                                      \
    PYFOPS_EXPORT_PLUGIN(pyfops_emulator_face, pyfops::EmulatorFace, Implementation, plugin_id,              \
                         plugin_version)
