/** Flags that mean the same in every command that has them. */
export const definitionFlag = {
  type: 'string',
  value: 'PATH',
  text: 'the definition; else plimsoll.config.ts here or in a folder above',
} as const;

export const homeFlag = {
  type: 'string',
  value: 'DIR',
  text: "the region's state; else PLIMSOLL_HOME, else .plimsoll beside the definition",
} as const;

export const environmentFlag = {
  type: 'string',
  value: 'NAME',
  text: 'the environment of the definition',
  default: 'local',
} as const;

export const targetFlag = {
  type: 'string',
  value: 'TARGET',
  text: 'where to: the local region, or AWS with your own credentials',
  choices: ['local', 'aws'],
  default: 'local',
} as const;

export const yesFlag = { type: 'boolean', text: 'do not ask; for scripts', short: 'y' } as const;
export const jsonFlag = { type: 'boolean', text: 'print JSON' } as const;
