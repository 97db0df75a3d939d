// `npm start`: sets up what is missing, then `plimsoll up` for devops-app. Arguments are passed on.
import { join } from 'node:path';
import { root, setUp } from './setup.mjs';

setUp({ buildsApp: false });
process.chdir(join(root, 'apps', 'devops-app'));
process.argv.splice(1, process.argv.length - 1, 'plimsoll', 'up', ...process.argv.slice(2));
await import(join(root, 'packages', 'cli', 'bin', 'plimsoll.mjs'));
