// SPDX-License-Identifier: Apache-2.0
#include <pyfops/conformance/suite.hpp>

int main(int argc, char** argv) {
    pyfops::conformance::Quirks acme;
    acme.provider = "acme";
    acme.region = "moon";
    acme.second_region = "mars";
    acme.secrets = {"ACME_TOKEN"};
    acme.create = "acme:Put";
    acme.invoke = "acme:Invoke";
    acme.list = "acme:List";
    acme.code = {"acme:Put"};
    acme.changed_code = {"acme:Put"};
    acme.changed_memory = {"acme:Patch"};
    acme.changed_timeout = {"acme:Patch"};
    acme.hidden_mark = {{"\"fd\"", "\"id\""}, {"\"project\"", "\"owner\""}};
    return pyfops::conformance::main(argc, argv, acme);
}
