import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeImage } from './dockerfile.ts';

test('the image is what the last stage copies, at the same paths, started the same way', () => {
  const image = describeImage(`
    FROM node:22-slim AS build
    WORKDIR /build
    COPY src ./src
    ENV SECRET=no
    RUN node build.mjs

    FROM node:22-slim
    ENV NODE_ENV=production GREETING="hello there" \\
        EMPTY=
    WORKDIR /app
    COPY package.json ./
    COPY --chown=node migrations ./migrations
    COPY --from=build /build/dist ./dist
    USER node
    EXPOSE 3000/tcp
    STOPSIGNAL SIGQUIT
    CMD ["node", "dist/main.js"]
  `);
  assert.deepEqual(image, {
    include: ['package.json', 'migrations', 'dist'],
    workingDirectory: '/app',
    command: ['node', 'dist/main.js'],
    entrypoint: [],
    environment: { NODE_ENV: 'production', GREETING: 'hello there', EMPTY: '' },
    port: 3000,
    stopSignal: 'SIGQUIT',
  });
});

const copies: readonly (readonly [line: string, include: readonly string[]])[] = [
  ['COPY . .', ['.']],
  ['COPY a.js b.js ./', ['a.js', 'b.js']],
  ['COPY lib/x.js lib/', ['lib/x.js']],
  ['COPY ["a file.js", "./"]', ['a file.js']],
  ['COPY --from=build /src/dist/ ./dist/', ['dist']],
  ['COPY --from=build /src/main.js ./', ['main.js']],
  ['COPY dist /app/dist', ['dist']],
];

for (const [line, include] of copies) {
  test(`${line} puts ${include.join(' and ')} into the image`, () => {
    assert.deepEqual(describeImage(`FROM x\nWORKDIR /app\n${line}`).include, include);
  });
}

const refused: readonly (readonly [line: string, text: RegExp])[] = [
  ['COPY src ./lib', /^Dockerfile:3: src would become lib: without an engine files keep their paths$/],
  [
    'COPY config.json /etc/config.json',
    /^Dockerfile:3: \/etc\/config.json is outside of the working directory/,
  ],
  ['COPY alone', /^Dockerfile:3: COPY needs a source and a destination$/],
  ['CMD ["node", ]', /^Dockerfile:3: .* is no list in JSON$/],
];

for (const [line, text] of refused) {
  test(`${line} needs an engine, and the refusal says where and why`, () => {
    assert.throws(() => describeImage(`FROM x\nWORKDIR /app\n${line}`), { message: text });
  });
}

test('a command in shell form runs by a shell', () => {
  assert.deepEqual(describeImage('FROM x\nCMD node main.js').command, ['/bin/sh', '-c', 'node main.js']);
});
