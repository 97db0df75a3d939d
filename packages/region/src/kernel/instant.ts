/** Milliseconds since 1970-01-01T00:00:00Z on the region's clock. */
export type Instant = number & { readonly unit: 'Instant' };

export function instant(milliseconds: number): Instant {
  return milliseconds as Instant;
}

/** `now` plus a wait in seconds, AWS's usual unit. */
export function after(now: Instant, seconds: number): Instant {
  return instant(now + seconds * 1000);
}

export function toDate(at: Instant): Date {
  return new Date(at);
}
