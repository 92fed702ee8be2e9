// The kernel writes each answer by itself, and Python does not wait for most of them: they are collected here, and
// written before the kernel waits for Python. The socket blocks, so that a write never fails because it is full.
"use strict";
const fs = require("node:fs");
const { readSync, writeSync } = fs;
const CONVERSATION = 3; // the file descriptor, both ways

let answers = [];

fs.writeSync = (descriptor, ...data) => {
  if (descriptor !== CONVERSATION) return writeSync(descriptor, ...data);
  const [answer, offset] = data;
  answers.push(answer.subarray(offset));
  return answer.length - offset;
};

fs.readSync = (descriptor, ...buffer) => {
  if (descriptor === CONVERSATION) {
    const batch = Buffer.concat(answers);
    answers = [];
    for (let written = 0; written < batch.length; ) written += writeSync(CONVERSATION, batch, written);
  }
  return readSync(descriptor, ...buffer);
};
