// SPDX-License-Identifier: GPL-2.0-only
'use strict';
// A million intervals: how large, how soon to be seen, how smooth.
const fs = require('node:fs');
const { launch, openPage } = require('./browser.cjs');

(async () => {
  const file = `${process.argv[2]}/many.html`, browser = await launch();
  const { page } = await openPage(browser, file);
  const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime);
  const drawn = await page.evaluate(() => performance.getEntriesByName('lanes-drawn')[0].startTime);
  const frames = await page.evaluate(() => {
    const { timeline } = conctrace, all = [];
    for (let k = 0; k < 60; k++) {
      const began = performance.now();
      timeline.zoom(0.85, timeline.wall * 0.37);
      timeline.draw();
      timeline.g.getImageData(0, 0, 1, 1); // waits until it is drawn
      all.push(performance.now() - began);
    }
    return all.sort((a, b) => a - b);
  });
  const mib = fs.statSync(file).size / 1048576;
  console.log(`HTML of 1,000,000 intervals of 64 threads: ${mib.toFixed(1)} MiB (most: 15), first paint ${Math.round(paint)} ms, lanes drawn ${Math.round(drawn)} ms (most: 2000),`);
  console.log(`zoom: median ${frames[30].toFixed(1)} ms, slowest ${frames[59].toFixed(1)} ms a frame (most: 50)`);
  await browser.close();
})();
