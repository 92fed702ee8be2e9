// CDKTF captures and formats a whole stack trace for each token, to show it if the token cannot be resolved. Called
// through jsii all of them are alike, the kernel's own lines; where Python asked is in the error's note. CDKTF has no
// switch for it (its src/tokens/private/stack-trace.ts), but only these traces are taken without any limit, and of an
// object that is no error.
"use strict";
const capture = Error.captureStackTrace;
Error.captureStackTrace = (target, below) => {
  if (target instanceof Error || Error.stackTraceLimit !== Number.MAX_SAFE_INTEGER) capture(target, below);
};
