// CDKTF resolves a stack value by value, and makes a context with a copy of the path for each, to find the few that are
// tokens. What cannot be one is copied here as it is; what may be one, or may be refused, goes to CDKTF's own function.
"use strict";
const DEPTH = 100; // half of that at which CDKTF reports a circle

// A token in a string has this word in it, or is a number in exponential notation (src/tokens/private/encoding.ts).
const mayBeToken = (text) => text.includes("Token") || /[-|\d.+]e[-|\d.eE+]/.test(text);

const isPlain = (value) => {
  switch (typeof value) {
    case "string":
      return !mayBeToken(value);
    case "number":
      return value >= 0; // those that stand for tokens are negative
    case "boolean":
    case "undefined":
      return true;
    default:
      return value === null;
  }
};

const isPlainArray = (value) => value.every((item) => isPlain(item) || typeof item === "object");

const isPlainObject = (value) =>
  Object.getPrototypeOf(value) === Object.prototype && typeof value.resolve !== "function";

module.exports = (exported) => {
  const { resolve } = exported;
  exported.resolve = (value, options) => {
    const path = [];

    const copy = (value) => {
      if (isPlain(value)) return value;
      if (typeof value === "object" && path.length < DEPTH) {
        const copied = Array.isArray(value) ? copyArray(value) : copyObject(value);
        if (copied) return copied;
      }
      return resolve(value, { ...options, prefix: path.length > 0 ? [...path] : undefined });
    };
    const copyArray = (array) => {
      if (isPlainArray(array)) {
        return array.map((item, index) => copyAt(String(index), item)).filter((item) => item !== undefined);
      }
    };
    const copyObject = (object) => {
      if (!isPlainObject(object)) return undefined;
      const keys = Object.keys(object);
      if (keys.some(mayBeToken)) return undefined;
      const copied = {};
      for (const key of keys) {
        const item = copyAt(key, object[key]);
        if (item !== undefined) copied[key] = item;
      }
      return copied;
    };
    const copyAt = (key, value) => {
      path.push(key);
      const copied = copy(value);
      path.pop();
      return copied;
    };

    return options.prefix || options.previousContext ? resolve(value, options) : copy(value);
  };
};
