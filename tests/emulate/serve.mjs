// Runs one of emulate's services with the seed that a line on stdin holds, and says at which address.
// Its own command line does not run on Node 20.
import { createEmulator } from 'emulate';

let text = '';
process.stdin.setEncoding('utf8');
for await (const line of process.stdin) {
  text += line;
  if (text.endsWith('\n')) break;
}
const options = { port: 0, hostname: '127.0.0.1', ...JSON.parse(text) };
console.log((await createEmulator(options)).url);
