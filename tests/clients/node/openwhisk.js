// SPDX-License-Identifier: Apache-2.0
// Calls the official OpenWhisk client: a line of JSON {resource, method, options} in, {ok} or {error, status} out.
const openwhisk = require("openwhisk");
const readline = require("readline");

async function main() {
  const client = openwhisk(); // by its own variables: __OW_API_HOST, __OW_API_KEY
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { resource, method, options } = JSON.parse(line);
    try {
      const known = options && options.zip ? { ...options, action: Buffer.from(options.zip, "base64") } : options;
      const answer = await client[resource][method](known);
      console.log(JSON.stringify({ ok: answer === undefined ? null : answer }));
    } catch (error) {
      console.log(JSON.stringify({ error: error.message, status: error.statusCode || 0, body: error.error }));
    }
  }
}

main();
