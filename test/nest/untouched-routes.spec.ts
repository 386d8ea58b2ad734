import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Req, Res } from '@nestjs/common';
import { Session } from 'node:inspector/promises';
import type { EventEmitter } from 'node:events';
import { Tasks } from 'nestjs-tasks';
import { closeApps, createApp } from '../support/create-app.js';
import { platforms } from '../support/platforms.js';

afterEach(closeApps);

type Wrapped = EventEmitter & { raw?: EventEmitter };

@Controller()
class PlainController {
  readonly listeners: string[][] = [];

  @Get('without')
  without(
    @Req() request: Wrapped,
    @Res({ passthrough: true }) response: Wrapped,
  ) {
    this.listeners.push(
      [request.raw ?? request, response.raw ?? response].map((emitter) =>
        emitter
          .eventNames()
          .map((name) => `${String(name)}: ${emitter.listenerCount(name)}`)
          .join(', '),
      ),
    );
    return 'value';
  }
}

@Controller()
class MixedController extends PlainController {
  @Get('with')
  with(@Tasks() tasks: Tasks) {
    tasks.afterResponse.schedule(() => {});
    return 'value';
  }
}

/**
 * The functions of this package that are called while `work` runs, which must call one of
 * this file.
 */
async function ownFunctionsCalledIn(
  work: () => Promise<void>,
): Promise<string[]> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', {
    callCount: true,
    detailed: false,
  });
  await session.post('Profiler.takePreciseCoverage');
  await work();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  await session.post('Profiler.stopPreciseCoverage');
  session.disconnect();
  const [thisFile = Infinity] = result
    .filter(({ url }) => url.endsWith(import.meta.filename))
    .map(({ scriptId }) => Number(scriptId));
  return (
    result
      .filter(({ url }) => /\/lib\/(core|engine-kit|nest)\//.test(url))
      // A test file that ran before in this process has left its copies, and perhaps a timer.
      .filter(({ scriptId }) => Number(scriptId) > thisFile)
      .flatMap((script) => script.functions)
      .filter(({ ranges }) => ranges.some(({ count }) => count > 0))
      .map(({ functionName }) => functionName)
      .filter((name) => name !== '')
  );
}

describe.each(platforms)('a route without tasks over $name', (platform) => {
  it('runs no function of this package, unlike a route with tasks', async () => {
    const { request, tester } = await createApp(platform, {
      controllers: [MixedController],
      tasks: { observers: [() => {}] },
    });
    // First calls may be counted late, so warm up first.
    await request('/with');
    await tester.settled();

    const without = await ownFunctionsCalledIn(async () => {
      await request('/without');
      await request('/unknown');
    });
    const withTasks = await ownFunctionsCalledIn(async () => {
      await request('/with');
      await tester.settled();
    });

    expect(without).toEqual([]);
    expect(withTasks).toEqual(expect.arrayContaining(['schedule', 'settle']));
  });

  it('has the same listeners as without the module', async () => {
    const withModule = await createApp(platform, {
      controllers: [MixedController],
    });
    const withoutModule = await createApp(platform, {
      controllers: [PlainController],
      tasks: false,
    });

    await withModule.request('/without');
    await withoutModule.request('/without');

    const [seen] = withModule.app.get(MixedController).listeners;
    const [bare] = withoutModule.app.get(PlainController).listeners;
    expect(bare).toHaveLength(2);
    expect(seen).toEqual(bare);
  });
});
