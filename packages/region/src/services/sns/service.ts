import type { ServiceModule } from '../../kernel/service.ts';
import type { Tables } from '../../kernel/table.ts';

/** Amazon Simple Notification Service. */
export function sns(_dependencies: { readonly tables: Tables }): ServiceModule {
  return { name: 'sns', operations: {} };
}
