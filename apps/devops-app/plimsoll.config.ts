import { defineService, officeHours } from '@plimsoll/blueprint';

// Of the account's delivery stack: what pipelines make stays within it.
const permissionsBoundary = 'plimsoll-delivery-boundary';

export default defineService({
  name: 'devops-app',
  image: { context: '.', dockerfile: 'Dockerfile', command: ['node', 'dist/main.js'] },
  http: { port: 3000, healthCheck: { path: '/health' } },
  task: { cpu: 256, memory: 512 },
  scaling: { min: 2, max: 10, cpu: 60 },
  database: { engine: 'postgres', version: '17', multiAz: true },
  alarms: { email: 'team@example.com' },
  migrate: ['node', 'dist/migrate.js'],
  environments: {
    // A rehearsal: may go again, with `cdk destroy` too. The default is to protect.
    local: { region: 'eu-central-1', deletionProtection: false },
    dev: {
      region: 'eu-central-1',
      // Online in these hours, without a task in all others.
      scaling: { schedule: officeHours('08:00', '18:00', 'MON-FRI', 'UTC') },
      deletionProtection: false,
      permissionsBoundary,
    },
    stage: { region: 'eu-central-1', permissionsBoundary },
    prod: {
      regions: ['eu-central-1', 'eu-west-1'],
      domain: 'app.example.com',
      permissionsBoundary,
    },
  },
});
