/**
 * The id of a job in BullMQ: the id of its task, encoded where BullMQ refuses it, as it
 * does numbers and most ids with colons.
 */
export function storeIdOf(taskId: string): string {
  return /^-?\d+$/.test(taskId) || taskId === '' || taskId.includes(':')
    ? `task-${Buffer.from(taskId).toString('base64url')}`
    : taskId;
}
