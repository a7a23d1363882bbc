// Lighthouse in one Chromium that stays: for each line "form address" of its input, a line with the numbers found there.
import { createInterface } from "node:readline";
import { launch } from "chrome-launcher";
import lighthouse, { desktopConfig } from "lighthouse";

const chrome = await launch({
  chromePath: process.env.CHROMIUM,
  chromeFlags: ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage"],
  logLevel: "silent",
});
const flags = { port: chrome.port, logLevel: "silent", disableFullPageScreenshot: true, channel: "book" };
const WHY = ["first-contentful-paint", "largest-contentful-paint", "speed-index", "total-blocking-time", "cumulative-layout-shift"];

for await (const line of createInterface({ input: process.stdin })) {
  const [form, address] = line.split(" ");
  const { lhr } = await lighthouse(address, flags, form === "desktop" ? desktopConfig : undefined);
  const scores = Object.values(lhr.categories).map(({ score }) => Math.round(100 * score));
  const failed = Object.values(lhr.categories).flatMap(({ id, auditRefs }) => (id === "performance" ? WHY : auditRefs.map((ref) => ref.id)))
    .filter((id) => ![null, 1].includes(lhr.audits[id].score)).map((id) => `${id} ${lhr.audits[id].displayValue ?? ""}`.trim());
  console.log(JSON.stringify({ scores, failed, error: lhr.runtimeError?.message }));
}
chrome.kill();
