import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Inject, Res, type Type } from '@nestjs/common';
import { Tasks, TasksService } from 'nestjs-tasks';
import { closeApps, createApp } from '../../support/create-app.js';
import { platforms } from '../../support/platforms.js';
import { RawClient } from '../../support/raw-client.js';
import { clientCases } from './client-cases.js';
import { enhancerCases } from './enhancer-cases.js';
import { routingCases } from './routing-cases.js';
import {
  IN_ORDER,
  WAYS,
  type AnyResponse,
  type ResponseCase,
  type Way,
} from './response-case.js';
import { Stage } from './stage.js';
import { streamCases } from './stream-cases.js';
import { valueCases } from './value-cases.js';

afterEach(closeApps);

const cases: readonly ResponseCase[] = [
  ...valueCases,
  ...streamCases,
  ...enhancerCases,
  ...routingCases,
  ...clientCases,
];

function controllerOf(tested: ResponseCase, way: Way, stage: Stage): Type {
  let calls = 0;
  function handle(
    tasks: Tasks,
    response: AnyResponse,
    parameter: unknown,
  ): unknown {
    const call = ++calls;
    return stage.noteEnd(() => {
      stage.schedule(tasks);
      stage.entered.resolve();
      return tested.handle({ stage, response, parameter, call });
    });
  }
  class DecoratedController {
    handle(tasks: Tasks, response: AnyResponse, parameter: unknown): unknown {
      return handle(tasks, response, parameter);
    }
  }
  class ServedController {
    constructor(readonly tasks: TasksService) {}

    handle(
      _tasks: unknown,
      response: AnyResponse,
      parameter: unknown,
    ): unknown {
      return handle(this.tasks, response, parameter);
    }
  }
  const type = way === '@Tasks()' ? DecoratedController : ServedController;
  const { prototype } = type;
  Controller(tested.controller ?? {})(type);
  (tested.parameter ?? Body())(prototype, 'handle', 2);
  if (tested.response) {
    const passthrough = tested.response === 'passthrough';
    Res({ passthrough })(prototype, 'handle', 1);
  }
  if (way === '@Tasks()') Tasks()(prototype, 'handle', 0);
  else Inject(TasksService)(type, undefined, 0);
  const { decorators = [], route = Get() } = tested;
  Reflect.decorate([...decorators, route], prototype, 'handle', {
    ...Object.getOwnPropertyDescriptor(prototype, 'handle'),
  });
  return type;
}

describe.each(platforms)('over $name', (platform) => {
  describe.each(WAYS)('with %s, a handler', (way) => {
    const own = cases.filter(
      (tested) =>
        (tested.on ?? platform.name) === platform.name &&
        (tested.with ?? way) === way,
    );

    it.each(own)('$name', async (tested) => {
      const stage = new Stage();
      const app = tested.app?.(stage, platform) ?? {};
      const { url, tester } = await createApp(platform, {
        ...app,
        controllers: [
          controllerOf(tested, way, stage),
          ...(app.controllers ?? []),
        ],
        async configure(nest) {
          await app.configure?.(nest);
          stage.watch(nest);
        },
      });
      const client = await RawClient.connect(url);
      const send = () => client.request(tested.path ?? '/', tested.request);
      const readAll = async () => {
        send();
        return client.response();
      };

      const seen = await (tested.visit?.({ stage, client, send }) ?? readAll());
      await stage.over.promise;
      await tester.settled();
      client.close();

      const { expected = {} } = tested;
      const {
        seen: expectedSeen = {},
        afterRoute = 'success',
        afterResponse = 'success',
        response = { statusCode: seen?.status ?? 200, delivered: true },
        events = IN_ORDER,
        calls = [{ afterRoute, afterResponse }],
      } = expected;
      expect({ ...seen }).toMatchObject(expectedSeen);
      expect(stage.judged()).toEqual(
        calls.map((call) => ({ ...call, response })),
      );
      expect(stage.events).toEqual(events);
    });
  });
});
