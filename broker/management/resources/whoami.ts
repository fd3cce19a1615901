/** Who asks. */
import { anyone } from '../authorization.js';
import { json, type Resource } from '../resource.js';

export const whoamiResources: readonly Resource[] = [
  {
    path: '/whoami',
    access: anyone,
    operations: {
      GET: {
        summary: 'The user who asks, with their tags',
        run: ({ identity }) => json({ name: identity.user, tags: identity.tags }),
      },
    },
  },
];
