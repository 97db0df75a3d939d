import { databasePlaneSuite } from './database-plane.suite.ts';
import { FakeDatabasePlane } from './fake-database-plane.ts';

databasePlaneSuite('fake', () => {
  const plane = new FakeDatabasePlane();
  return { plane, crash: (resourceId) => plane.crash(resourceId) };
});
