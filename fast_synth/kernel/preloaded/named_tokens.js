// CDKTF numbers its tokens. One that refers to an attribute is named here, after its stack and its address in Terraform:
// so Python knows what the kernel will answer (token_cache.py), and does not wait for it.
"use strict";
const NAME = /^[\w:.-]+$/; // of what CDKTF allows in a token (its src/tokens/private/encoding.ts)

module.exports = ({ TokenMap }) => {
  const { registerStringKey } = TokenMap.prototype;
  TokenMap.prototype.registerStringKey = function (token, hint) {
    if (token.originStack && typeof token.identifier === "string") {
      const name = `${token.originStack.node.path}:${token.identifier}`;
      if (NAME.test(name)) {
        this.stringTokenMap.set(name, token);
        return name;
      }
    }
    return registerStringKey.call(this, token, hint);
  };
};
