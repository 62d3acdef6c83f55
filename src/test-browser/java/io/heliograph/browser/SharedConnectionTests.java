package io.heliograph.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import io.heliograph.support.Node;
import io.heliograph.support.TestBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The risk: tabs that share one connection lose messages, or get them twice, when the tab that
 * holds it goes away, in whatever manner; or one tab gets what is another user's.
 */
@ExtendWith(ChromiumExtension.class)
@TestInstance(Lifecycle.PER_CLASS)
class SharedConnectionTests {

  private Node node;
  private TestBackend backend;

  @BeforeAll
  void start() {
    node = Node.start();
    backend = node.backend();
  }

  @AfterAll
  void stop() {
    node.close();
  }

  @Test
  void tenTabsHaveOneSessionAndEachGetsEverything(BrowserContext browser) {
    List<Page> tabs = tabs(browser, "ten", 10);

    assertThat(sessions("ten")).isEqualTo(1);
    List<String> texts = publish("ten", 0, 20);
    tabs.forEach(tab -> sees(tab, texts));
  }

  @Test
  void whenTheLeaderClosesTheOthersGoOn(BrowserContext browser) {
    List<Page> tabs = tabs(browser, "closed", 4);
    publish("closed", 0, 5);
    tabs.forEach(tab -> sees(tab, texts(0, 5)));

    Page leader = leader(tabs);
    leader.evaluate("h.close()");
    publish("closed", 5, 10);
    tabs.remove(leader);

    tabs.forEach(tab -> sees(tab, texts(0, 10)));
    assertThat(sessions("closed")).isEqualTo(1);
  }

  @Test
  void whenTheLeaderIsKilledTheOthersGoOn(BrowserContext browser) {
    List<Page> tabs = tabs(browser, "killed", 4);
    publish("killed", 0, 5);
    tabs.forEach(tab -> sees(tab, texts(0, 5)));

    Page leader = leader(tabs);
    tabs.remove(leader);
    kill(leader);
    publish("killed", 5, 10);

    tabs.forEach(tab -> sees(tab, texts(0, 10)));
  }

  @Test
  void whenTheLeaderIsFrozenTheOthersGoOnAndItCatchesUpLater(BrowserContext browser) {
    List<Page> tabs = tabs(browser, "frozen", 3);
    Page leader = leader(tabs);
    tabs.remove(leader);

    leader.evaluate("document.dispatchEvent(new Event('freeze'))");
    publish("frozen", 0, 5);
    tabs.forEach(tab -> sees(tab, texts(0, 5)));
    assertThat(leader.evaluate("seen.length")).isEqualTo(0);

    leader.evaluate("document.dispatchEvent(new Event('resume'))");
    sees(leader, texts(0, 5));
    assertThat(sessions("frozen")).isEqualTo(1);
  }

  @Test
  void aTabThatIsGoneIsUnsubscribed(BrowserContext browser) {
    List<Page> tabs = tabs(browser, "topics", 2);
    Page leader = leader(tabs);
    Page other = tabs.get(1 - tabs.indexOf(leader));
    other.evaluate("subscribe('topic:of-one')");
    leader.waitForCondition(() -> followers("topic:of-one") == 1);
    backend.pushAll("topic:of-one", "for one");
    other.waitForCondition(() -> Boolean.TRUE.equals(other.evaluate("seen.includes('for one')")));
    assertThat(leader.evaluate("seen.length")).isEqualTo(0);

    kill(other);

    leader.waitForCondition(() -> followers("topic:of-one") == 0);
  }

  @Test
  void eachUserHasAConnectionOfTheirOwn(BrowserContext browser) {
    tabs(browser, "one-user", 2);
    List<Page> others = tabs(browser, "other-user", 2);

    assertThat(sessions("one-user")).isEqualTo(1);
    assertThat(sessions("other-user")).isEqualTo(1);
    publish("one-user", 0, 1);
    publish("other-user", 1, 2);
    others.forEach(tab -> sees(tab, texts(1, 2)));
  }

  private List<Page> tabs(BrowserContext browser, String user, int count) {
    List<Page> tabs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Page tab = browser.newPage();
      tabs.add(tab);
      tab.exposeFunction("tokenOf", args -> backend.token((String) args[0]));
      tab.exposeFunction("capability", args -> backend.token("", (String) args[0]));
      tab.navigate("http://127.0.0.1:" + node.port() + "/problems/none");
      tab.evaluate(
          """
          async user => {
            const {connect} = await import('/heliograph-tabs.min.js');
            window.seen = [];
            window.h = connect('/ws', {token: () => tokenOf(user)});
            h.addEventListener('gap', () => seen.push('gap'));
            h.subscribe(`user:${user}`, {onMessage: message => seen.push(message.data)});
            window.subscribe = topic => {
              h.subscribe(topic, {token: () => capability(topic), onMessage: message => seen.push(message.data)});
            };
          }\
          """,
          user);
    }
    for (Page tab : tabs) {
      tab.waitForCondition(() -> "open".equals(tab.evaluate("h.state")));
    }
    return tabs;
  }

  /** The tab that holds the lock. */
  private static Page leader(List<Page> tabs) {
    return tabs.stream()
        .filter(
            tab ->
                Boolean.TRUE.equals(
                    tab.evaluate(
                        """
                        async () => {
                          const {held} = await navigator.locks.query();
                          const leading = held.filter(({name}) => name.split(' ').length === 3);
                          const own = held.filter(({name}) => name.split(' ').length === 4).map(({clientId}) => clientId);
                          const id = await navigator.locks.request('who am I', async () =>
                            (await navigator.locks.query()).held.find(({name}) => name === 'who am I').clientId);
                          return leading.some(({clientId}) => clientId === id) && own.includes(id);
                        }\
                        """)))
        .findFirst()
        .orElseThrow();
  }

  /** Without a word to the page: no pagehide, no unload. */
  private static void kill(Page tab) {
    tab.close(new Page.CloseOptions().setRunBeforeUnload(false));
  }

  private List<String> publish(String user, int from, int to) {
    List<String> texts = texts(from, to);
    backend.pushAll("user:" + user, texts.toArray(String[]::new));
    return texts;
  }

  private static List<String> texts(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "text " + i).toList();
  }

  private static void sees(Page tab, List<String> texts) {
    tab.waitForCondition(() -> ((Number) tab.evaluate("seen.length")).intValue() >= texts.size());
    assertThat(tab.evaluate("seen")).isEqualTo(texts);
  }

  private int sessions(String user) {
    return backend.get("/v1/sessions?user=" + user).json().path("sessions").size();
  }

  private int followers(String channel) {
    return backend.get("/v1/channels/" + channel).json().path("sessions").asInt(0);
  }
}
