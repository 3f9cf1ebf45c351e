// A loop that waits the plain way for a lock that nobody gives.
const word = new Int32Array(new SharedArrayBuffer(4));
const tick = setInterval(() => {}, 10);
let left = 3;
const rude = setInterval(() => {
    Atomics.wait(word, 0, 0, 150);
    if (--left === 0) {
        clearInterval(tick);
        clearInterval(rude);
    }
}, 60);
