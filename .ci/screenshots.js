// Takes pictures of rendered samples: node screenshots.js SAMPLES PICTURES [FOLDER FOR ALL OF THEM]
const fs = require("fs");
const http = require("http");
const path = require("path");
const { chromium } = require("playwright-core");

const [samples, pictures, everything] = process.argv.slice(2);
const TYPES = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".svg": "image/svg+xml", ".jpg": "image/jpeg" };
const WIDTHS = { phone: 390, desktop: 1000, narrow: 320, wide: 1200 };

// What the README shows: picture, sample, width, colours.
const SHOWN = [
  ["sign-up-phone-dark", "web/sign_up.0.ja", "phone", "dark"],
  ["sign-up-desktop-light", "web/sign_up.0.en", "desktop", "light"],
];
// The digest, however it may be read.
for (const language of ["en", "ja"]) {
  for (const width of ["narrow", "wide"]) {
    for (const colours of ["light", "dark"]) {
      for (const pictures of ["", "no-pictures"]) {
        const name = ["digest", language, WIDTHS[width], colours, pictures].filter(Boolean).join("-");
        SHOWN.push([name, `mail/digest.0.${language}`, width, colours, pictures]);
      }
    }
  }
}

const server = http.createServer((request, response) => {
  const name = path.normalize(new URL(request.url, "http://localhost").pathname);
  fs.readFile(path.join(samples, name), (error, bytes) => {
    response.writeHead(error ? 404 : 200, { "Content-Type": TYPES[path.extname(name)] || "text/plain" });
    response.end(bytes);
  });
});

async function shoot(browser, base, sample, width, colours, file, pictures) {
  const page = await browser.newPage({ viewport: { width: WIDTHS[width], height: 800 }, colorScheme: colours });
  // The pictures of a mail are on the host of its sender: it is played by us, or by a mail program that asks nobody.
  await page.route("https://news.example.jp/images/*", (route) => pictures
    ? route.abort()
    : route.fulfill({ path: path.join(samples, new URL(route.request().url()).pathname) }));
  await page.goto(`${base}/${sample}.html`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  if (wide > WIDTHS[width]) console.error(`${sample} is ${wide} px wide at ${WIDTHS[width]}`);
  await page.screenshot({ path: file, fullPage: true });
  await page.close();
}

server.listen(0, "127.0.0.1", async () => {
  const base = `http://127.0.0.1:${server.address().port}`;
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync",
    ],
  });
  fs.mkdirSync(pictures, { recursive: true });
  for (const [picture, sample, width, colours, without] of SHOWN) {
    await shoot(browser, base, sample, width, colours, path.join(pictures, `${picture}.png`), without);
  }
  if (everything) {
    fs.mkdirSync(everything, { recursive: true });
    for (const folder of ["mail", "web"]) {
      for (const name of fs.readdirSync(path.join(samples, folder)).filter((name) => name.endsWith(".html"))) {
        const sample = `${folder}/${name.slice(0, -".html".length)}`;
        for (const width of ["phone", "desktop"]) {
          for (const colours of ["light", "dark"]) {
            const file = path.join(everything, `${sample.replace("/", "-")}.${width}.${colours}.png`);
            await shoot(browser, base, sample, width, colours, file);
          }
        }
      }
    }
  }
  await browser.close();
  server.close();
});
