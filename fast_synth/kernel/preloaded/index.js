// Loaded into the kernel's process before jsii's own program: what makes CDKTF quicker when it is called through jsii.
// CDKTF's last release is out, so that nothing of it changes any more; ../README.md says what each script is for.
"use strict";
const Module = require("node:module");

require("./answers_in_batches");
require("./without_creation_traces");
// By the folder below which CDKTF's scripts are, whatever its package is called.
const changes = {
  "/lib/tokens/private/resolve.js": require("./plain_values"),
  "/lib/tokens/private/token-map.js": require("./named_tokens"),
};

const load = Module._extensions[".js"];
Module._extensions[".js"] = (module, path) => {
  load(module, path);
  const change = changes[path.slice(path.lastIndexOf("/lib/"))];
  if (change) change(module.exports);
};
