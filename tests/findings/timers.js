// A healthy loop: many timers, little to do in each.
let left = 200;
for (let i = 0; i < 20; i++) {
    const t = setInterval(() => {
        if (--left <= 0) clearInterval(t);
    }, 20 + i);
}
