import {
  Body,
  ConflictException,
  Controller,
  Get,
  GoneException,
  Header,
  HttpCode,
  NotFoundException,
  Post,
  Query,
} from '@nestjs/common';
import { Tasks } from 'nestjs-tasks';
import { MailTasks } from '../mail/mail-tasks.js';
import { AnalyticsService } from '../notifications/analytics.service.js';
import { PasswordsService } from './passwords.service.js';
import { RegisterUser, VerifyEmail } from './registration.dto.js';
import { UsersRepository } from './users.repository.js';
import { verificationPage } from './verification-page.js';

@Controller()
export class RegistrationController {
  constructor(
    private readonly users: UsersRepository,
    private readonly passwords: PasswordsService,
  ) {}

  @Post('register')
  async register(
    @Body() { email, password, name }: RegisterUser,
    @Tasks() tasks: Tasks,
  ) {
    const passwordHash = await this.passwords.hash(password);
    const user = await this.users.create({ email, passwordHash, name });
    if (!user) throw new ConflictException('This email is registered already');
    const { userId, token } = user;

    // Sent after the response. MailTasks declares the retries and the error handler.
    tasks.afterResponse
      .task({ name: `verification_email_${userId}` })
      .of(MailTasks)
      .verification(email, token, name);

    tasks.afterResponse
      .of(AnalyticsService)
      .trackUserEvent('user_registered', userId, { email });

    return {
      userId,
      message:
        'Registration successful. Please check your email to verify your account.',
    };
  }

  @Get('verify')
  @Header('content-type', 'text/html; charset=utf-8')
  page(@Query() { token }: VerifyEmail): string {
    return verificationPage(token);
  }

  @Post('verify')
  @HttpCode(200)
  async verify(@Body() { token }: VerifyEmail, @Tasks() tasks: Tasks) {
    const user = await this.users.verify(token);
    if (user === 'unknown') throw new NotFoundException('Unknown token');
    if (user === 'used') throw new GoneException('This token has been used');
    if (user === 'expired') throw new GoneException('This token has expired');

    tasks.afterResponse.of(MailTasks).welcome(user.email, user.name);
    tasks.afterResponse
      .of(AnalyticsService)
      .trackUserEvent('email_verified', user.userId);

    return { message: 'Email verified successfully' };
  }
}
