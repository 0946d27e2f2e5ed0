// The real program with its demo data, started once, and pages that tolerate no violation and no error.
import { spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { test as base, expect } from "@playwright/test";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");
const binary = path.resolve(root, process.env.JIKIMI_BIN ?? "bin/jikimi");
const START = 60_000; // writing the demo's documents takes a while on a small machine

/** start runs the program and resolves to its process and the address that it prints. */
function start() {
  const program = spawn(binary, ["demo", "--listen", "127.0.0.1:0", "--ingest-listen", "127.0.0.1:0"], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  return new Promise((resolve, reject) => {
    const fail = (why) => {
      program.kill("SIGKILL");
      reject(new Error(`${binary} ${why}\n${output}`));
    };
    const timer = setTimeout(fail, START, `printed no address within ${START / 1000} s`);
    program.on("error", (err) => fail(`did not start: ${err.message}`));
    program.on("exit", (code) => fail(`ended with ${code} before it printed its address`));
    program.stderr.on("data", (chunk) => { output += chunk; });
    program.stdout.on("data", (chunk) => {
      output += chunk;
      const url = output.match(/(?<=ready at )http:\/\/127\.0\.0\.1:\d+/);
      if (!url) return;
      clearTimeout(timer);
      program.removeAllListeners("exit");
      resolve({ program, url: url[0] });
    });
  });
}

/** stop asks the program to end and expects that it does so in good order. */
async function stop(program) {
  const ended = new Promise((resolve) => program.once("exit", (code, signal) => resolve(signal ?? code)));
  program.kill("SIGTERM");
  const timer = setTimeout(() => program.kill("SIGKILL"), 10_000);
  const how = await ended;
  clearTimeout(timer);
  if (how !== 0) throw new Error(`the program ended with ${how} after SIGTERM, not with 0`);
}

export const test = base.extend({
  server: [async ({}, use) => {
    const { program, url } = await start();
    await use(url);
    await stop(program);
  }, { scope: "worker", timeout: START + 15_000 }],

  baseURL: async ({ server }, use) => use(server),

  // Console errors that a test provokes on purpose: test.use({ allowedErrors: /…/ }). None by default.
  allowedErrors: [/$^/, { option: true }],

  page: async ({ page, allowedErrors }, use) => {
    const problems = [];
    const note = (text) => {
      if (!allowedErrors.test(text)) problems.push(text);
    };
    page.on("console", (message) => message.type() === "error" && note(`console: ${message.text()}`));
    page.on("pageerror", (err) => note(`page: ${err.stack ?? err}`));
    await page.exposeFunction("noteViolation", (text) => note(`policy: ${text}`));
    await page.addInitScript(() => {
      addEventListener("securitypolicyviolation", (e) => window.noteViolation(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`));
    });
    await use(page);
    expect(problems, "violations and errors of the page").toEqual([]);
  },
});

export { expect };
