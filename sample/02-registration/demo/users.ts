const password = 'correct horse battery staple';

export const ADA = { email: 'ada@example.com', password, name: 'Ada' };
export const GRACE = { email: 'grace@example.com', password, name: 'Grace' };
export const LINUS = { email: 'linus@example.com', password, name: 'Linus' };
export const EDSGER = { email: 'edsger@example.com', password, name: 'Edsger' };
