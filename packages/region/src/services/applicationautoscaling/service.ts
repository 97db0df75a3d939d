import type { ServiceModule } from '../../kernel/service.ts';
import type { Tables } from '../../kernel/table.ts';

/** Application Auto Scaling. */
export function applicationAutoScaling(_dependencies: { readonly tables: Tables }): ServiceModule {
  return { name: 'applicationautoscaling', operations: {} };
}
