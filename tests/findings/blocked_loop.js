// A timer that computes for long, beside one that would like to tick.
function computes() {
    let n = 0;
    for (let i = 0; i < 1.5e8; i++) n += i % 7;
    return n;
}
const tick = setInterval(() => {}, 10);
let left = 3;
const busy = setInterval(() => {
    computes();
    if (--left === 0) {
        clearInterval(tick);
        clearInterval(busy);
    }
}, 60);
