// SPDX-License-Identifier: Apache-2.0
package pyfops.afcl;

/** The engine's names of providers: what its queries ask for, and what region.provider is mapped to. */
public enum Provider {
    IBM, AWS, ALIBABA, GOOGLE, AZURE, FAIL
}
