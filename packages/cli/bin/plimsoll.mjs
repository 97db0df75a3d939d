#!/usr/bin/env node
// Says nothing about the SDK's next minimum of Node.js: it is not the user's to change.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const { main } = await import('../dist/main.js');
await main(process.argv.slice(2));
