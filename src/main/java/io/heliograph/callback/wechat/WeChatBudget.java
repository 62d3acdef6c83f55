package io.heliograph.callback.wechat;

import java.time.Duration;
import java.util.concurrent.Executor;

/** How long WeChat is kept waiting, and where the work goes on after that. */
record WeChatBudget(Duration answerWithin, Executor executor) {}
