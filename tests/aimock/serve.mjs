// Runs aimock without fixtures and says at which address; /__aimock/ there takes them.
import { LLMock } from '@copilotkit/aimock';

console.log(await new LLMock({ port: 0, host: '127.0.0.1', strict: true }).start());
