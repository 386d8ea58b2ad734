/**
 * The id of a job in BullMQ, which refuses numbers, and colons with few exceptions:
 * the id of its task, or what stands for it.
 */
export function storeIdOf(taskId: string): string {
  return /^-?\d+$/.test(taskId) || taskId === '' || taskId.includes(':')
    ? `task-${Buffer.from(taskId).toString('base64url')}`
    : taskId;
}
