// One JSON object a line in, {digest, source, flags}; one out, {digest, status, summary, attack}.
// Needs npm's recheck where node finds it (NODE_PATH, or node_modules in a folder above).
const { checkSync } = require("recheck");
const lines = require("fs").readFileSync(0, "utf8").split("\n").filter(Boolean);
for (const line of lines) {
  const { digest, source, flags } = JSON.parse(line);
  const found = checkSync(source, flags, { timeout: Number(process.env.RECHECK_TIMEOUT || 10000) });
  const attack = found.attack ? { pattern: found.attack.pattern } : {};
  const summary = found.complexity ? found.complexity.summary : (found.error || {}).kind;
  console.log(JSON.stringify({ digest, status: found.status, summary, ...attack }));
}
