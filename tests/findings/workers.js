// Two workers compute, each in a thread with a heap of its own.
const { Worker, isMainThread } = require('node:worker_threads');
if (isMainThread) {
    for (let i = 0; i < 2; i++) new Worker(__filename);
} else {
    let n = 0;
    for (let i = 0; i < 6e8; i++) n += i % 7;
}
