/** Something to do after other things. */
export interface Step {
  readonly name: string;
  /** Names of steps; those that are not in the graph count as done. */
  readonly dependsOn: readonly string[];
  run(): Promise<void>;
}

/**
 * Runs every step as soon as those that it depends on have ended, independent ones in parallel. When one fails, those that
 * run are let to their end and no other is started.
 * @throws what the first failed step threw
 */
export async function runSteps(steps: readonly Step[]): Promise<void> {
  const failures: unknown[] = [];
  const started = new Map<string, Promise<boolean>>();
  const byName = new Map(steps.map((step) => [step.name, step]));

  const start = (step: Step): Promise<boolean> => {
    const running = started.get(step.name) ?? afterDependencies(step);
    started.set(step.name, running);
    return running;
  };
  const afterDependencies = async (step: Step): Promise<boolean> => {
    // Not before every step has been entered: a step that is asked for twice runs once.
    await Promise.resolve();
    const before = step.dependsOn.flatMap((name) => byName.get(name) ?? []);
    const isReady = (await Promise.all(before.map(start))).every(Boolean);
    if (!isReady || failures.length > 0) return false;
    return step.run().then(
      () => true,
      (error: unknown) => {
        failures.push(error);
        return false;
      },
    );
  };

  await Promise.all(steps.map(start));
  if (failures.length > 0) throw failures[0];
}
