// Writes lines of a winston log, each as it would have been logged, through a version of winston-elasticsearch.
// env: PACKAGE, NODE (address), LINES (file), DATA_STREAM
const fs = require("fs");
const winston = require("winston");
const { ElasticsearchTransport } = require(process.env.PACKAGE);

const fail = (what) => (err) => {
  console.error(`${what}: ${err.stack ?? err}`);
  process.exitCode = 1;
};

const transport = new ElasticsearchTransport({
  level: "debug", clientOpts: { node: process.env.NODE }, flushInterval: 200, dataStream: process.env.DATA_STREAM === "true",
});
transport.on("error", fail("transport error"));
transport.on("warning", fail("transport warning"));
const logger = winston.createLogger({
  levels: { fatal: 0, error: 1, warn: 2, info: 3, debug: 4 }, level: "debug", transports: [transport],
});
logger.on("error", fail("logger error"));

for (const text of fs.readFileSync(process.env.LINES, "utf8").split("\n").filter(Boolean)) {
  const line = JSON.parse(text);
  logger.log({ ...line, level: line.level.toLowerCase() });
}

// Whoever started this closes the input when everything has arrived.
process.stdin.on("end", () => process.exit()).resume();
