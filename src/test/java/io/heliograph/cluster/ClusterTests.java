package io.heliograph.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliograph.broker.BrokerUnavailableException;
import io.heliograph.broker.ClusterBus.Kind;
import io.heliograph.hub.NodeCoverage;
import io.heliograph.message.Channel;
import io.heliograph.session.CloseReason;
import io.heliograph.session.Session;
import io.heliograph.support.HubOfTests;
import io.heliograph.support.ManualClock;
import io.heliograph.support.RecordingBus;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The risk: a query never ends, an answer is wrong, or a close takes effect too late. */
@Timeout(30)
class ClusterTests {

  private static final Channel NEWS = new Channel.Topic("news");
  private static final String SOME_ID = "AAAAAAAAAAAAAAAAAAAAAA";

  private final ManualClock clock = new ManualClock();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final List<HubOfTests> hubs = new ArrayList<>();
  private final List<Runnable> deadlines = new ArrayList<>();
  private final RecordingBus peers = RecordingBus.alone("a");
  private final HubOfTests hub = hub(peers);
  private final Cluster cluster = cluster(peers, hub, Runnable::run);

  @AfterEach
  void stop() {
    hubs.forEach(HubOfTests::close);
  }

  // Asking ----------------------------------------------------------------------------------------

  @Test
  void aSingleNodeAnswersAtOnce() {
    hub.connect("alice");
    assertThat(cluster.presence(new Channel.User("alice")).join())
        .isEqualTo(new Cluster.Presence(1, 1, true, new NodeCoverage(1, 1)));
  }

  @Test
  void theAnswersOfAllNodesAreMerged() {
    peers.others("b", "c");
    var presence = cluster.presence(NEWS);
    receiveAnswer("b", "{'answer':'followers','sessions':3,'users':{'numbers':[1,2],'all':true}}");
    assertThat(presence).isNotDone();
    receiveAnswer("c", "{'answer':'followers','sessions':2,'users':{'numbers':[2,3],'all':true}}");
    assertThat(presence.join()).isEqualTo(new Cluster.Presence(5, 3, true, new NodeCoverage(3, 3)));
  }

  @Test
  void atTheDeadlineSilentNodesAreReportedAsMissing() {
    peers.others("b", "c");
    var presence = cluster.presence(NEWS);
    receiveAnswer("b", "{'answer':'followers','sessions':3,'users':{'numbers':[1],'all':true}}");
    assertThat(presence).isNotDone();
    deadlines.getLast().run();
    assertThat(presence.join()).isEqualTo(new Cluster.Presence(3, 1, true, new NodeCoverage(3, 2)));
    assertThat(counted("heliograph.cluster.questions", "partial")).isEqualTo(1);
  }

  @Test
  void answersAfterTheDeadlineAreIgnored() {
    peers.others("b");
    var closed = cluster.closeUser("alice");
    deadlines.getLast().run();
    receiveAnswer("b", "{'answer':'closed','sessions':3}");
    assertThat(closed.join()).isEqualTo(new Cluster.Closed(0, new NodeCoverage(2, 1)));
  }

  @Test
  void onlyTheFirstAnswerOfANodeCounts() {
    peers.others("b", "c");
    var closed = cluster.closeUser("alice");
    receiveAnswer("b", "{'answer':'closed','sessions':3}");
    receiveAnswer("b", "{'answer':'closed','sessions':40}");
    assertThat(closed).isNotDone();
    receiveAnswer("c", "{'answer':'closed','sessions':1}");
    assertThat(closed.join()).isEqualTo(new Cluster.Closed(4, new NodeCoverage(3, 3)));
  }

  @Test
  void anAnswerOfAnUnlistedNodeCounts() {
    peers.others("b");
    var closed = cluster.closeUser("alice");
    receiveAnswer("new", "{'answer':'closed','sessions':3}");
    receiveAnswer("b", "{'answer':'closed','sessions':1}");
    assertThat(closed.join()).isEqualTo(new Cluster.Closed(4, new NodeCoverage(3, 3)));
  }

  @Test
  void aNodeOfAnEarlierVersionCountsAsNotAnswered() {
    peers.others("b");
    var closed = cluster.closeUser("alice");
    receiveAnswer("b", "{'answer':'not-understood'}");
    assertThat(closed.join()).isEqualTo(new Cluster.Closed(0, new NodeCoverage(2, 1)));
  }

  @Test
  void anAnswerOfAnUnknownKindCountsAsNotAnswered() {
    peers.others("b");
    var closed = cluster.closeUser("alice");
    receiveAnswer("b", "{'answer':'something-new','sessions':3}");
    assertThat(closed.join()).isEqualTo(new Cluster.Closed(0, new NodeCoverage(2, 1)));
  }

  @Test
  void theAnswerThatFindsTheSessionEndsTheQuery() {
    peers.others("b", "c");
    var closed = cluster.closeSession(SOME_ID);
    receiveAnswer("b", "{'answer':'closed','sessions':0}");
    assertThat(closed).isNotDone();
    receiveAnswer("c", "{'answer':'closed','sessions':1}");
    assertThat(closed.join().sessions()).isEqualTo(1);
  }

  @Test
  void aLocalSessionIsFoundWithoutAQuery() {
    Session session = hub.connect("alice");
    peers.others(CompletableFuture.failedFuture(new BrokerUnavailableException("away", null)));
    assertThat(cluster.session(session.id()).join().session()).isNotNull();
    assertThat(cluster.closeSession(session.id()).join().sessions()).isEqualTo(1);
    assertThat(session.closing()).isEqualTo(CloseReason.POLICY);
    assertThat(peers.sent()).isEmpty();
  }

  @Test
  void aQueryThatCannotBeSentFailsWithoutEffect() {
    Session session = hub.connect("alice");
    peers.others(CompletableFuture.failedFuture(new BrokerUnavailableException("away", null)));
    assertThatThrownBy(() -> cluster.closeUser("alice").join())
        .hasRootCauseInstanceOf(BrokerUnavailableException.class);
    assertThat(session.isOpen()).isTrue();
    assertThat(counted("heliograph.cluster.questions", "unavailable")).isEqualTo(1);
  }

  @Test
  void aQueryWhoseSendingHangsFailsAtTheDeadline() {
    Session session = hub.connect("alice");
    CompletableFuture<Set<String>> hanging = new CompletableFuture<>();
    peers.others(hanging);
    var closed = cluster.closeUser("alice");
    deadlines.getLast().run();
    assertThatThrownBy(closed::join).hasRootCauseInstanceOf(BrokerUnavailableException.class);
    hanging.complete(Set.of());
    assertThat(session.isOpen()).as("the session is not closed after the call has failed").isTrue();
  }

  @Test
  void aNodeThatCannotAnswerItselfCountsAsNotAnswered() {
    Cluster busy =
        cluster(
            peers,
            hub,
            _ -> {
              throw new RejectedExecutionException();
            });
    assertThat(busy.presence(NEWS).join().nodes()).isEqualTo(new NodeCoverage(1, 0));
  }

  // Paging ----------------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(ints = {7, 100, 1_000})
  void pagesListEachSessionOfThreeNodesOnceInOneOrder(int limit) {
    Set<String> connected = new TreeSet<>();
    List<Cluster> clusters = new ArrayList<>();
    for (RecordingBus node : RecordingBus.network("a", "b", "c")) {
      HubOfTests nodesHub = hub(node);
      clusters.add(cluster(node, nodesHub, Runnable::run));
      // One node holds most sessions, so that its pages end before those of the others.
      int sessions = clusters.size() == 1 ? 800 : 100;
      for (int i = 0; i < sessions; i++) {
        connected.add(nodesHub.connect("u" + i).id());
      }
    }
    List<String> listed = new ArrayList<>();
    String cursor = null;
    int asked = 0;
    do {
      Cluster.Page page =
          clusters.get(asked++ % 3).sessions(new Cluster.Filter(null, null), cursor, limit).join();
      assertThat(page.nodes()).isEqualTo(new NodeCoverage(3, 3));
      assertThat(page.sessions()).hasSizeBetween(1, limit);
      page.sessions().forEach(info -> listed.add(info.session()));
      cursor = page.cursor();
    } while (cursor != null);
    assertThat(listed).containsExactlyElementsOf(connected);
  }

  @Test
  void filtersApplyOnOtherNodes() {
    List<RecordingBus> network = RecordingBus.network("a", "b");
    HubOfTests there = hub(network.get(1));
    cluster(network.get(1), there, Runnable::run);
    Cluster here = cluster(network.get(0), hub(network.get(0)), Runnable::run);
    Session alice = there.connect("alice");
    there.connect("bob");
    there.connect(null);
    assertThat(ids(here, "alice", null)).containsExactly(alice.id());
    assertThat(ids(here, null, alice.channel())).containsExactly(alice.id());
    assertThat(ids(here, "bob", alice.channel())).isEmpty();
    assertThat(ids(here, null, Channel.EVERYONE)).hasSize(3);
  }

  // Answering -------------------------------------------------------------------------------------

  @Test
  void anExpiredQueryIsIgnored() {
    Session session = hub.connect("alice");
    receiveQuery("{'ask':'close-user','user':'alice'}", Duration.ofMillis(800));
    assertThat(session.isOpen()).isTrue();
    assertThat(peers.sent()).isEmpty();
    assertThat(counted("heliograph.cluster.heard", "late")).isEqualTo(1);
  }

  @Test
  void aQueryThatExpiresInTheLocalQueueIsIgnored() {
    Session session = hub.connect("alice");
    List<Runnable> waiting = new ArrayList<>();
    cluster(peers, hub, waiting::add);
    receiveQuery("{'ask':'close-user','user':'alice'}", Duration.ZERO);
    hub.passes(Duration.ofSeconds(1));
    waiting.forEach(Runnable::run);
    assertThat(session.isOpen()).isTrue();
    assertThat(counted("heliograph.cluster.heard", "late")).isEqualTo(1);
  }

  @Test
  void sessionsThatConnectAfterTheQueryAreNotClosed() {
    Session before = hub.connect("alice");
    clock.advance(Duration.ofMillis(500));
    Session afterwards = hub.connect("alice");
    clock.advance(Duration.ofMillis(100));
    receiveQuery("{'ask':'close-user','user':'alice'}", Duration.ofMillis(300));
    assertThat(before.isOpen()).isFalse();
    assertThat(afterwards.isOpen()).isTrue();
    assertThat(peers.texts(Kind.ANSWER)).singleElement().asString().contains("\"sessions\":1");
  }

  @Test
  void sessionsFromBeforeAClockStepBackAreClosed() {
    clock.advance(Duration.ofHours(1));
    Session session = hub.connect("alice");
    clock.advance(Duration.ofHours(-1));
    receiveQuery("{'ask':'close-user','user':'alice'}", Duration.ofMillis(300));
    assertThat(session.isOpen()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'ask':'something-new'}",
        "{'ask':'close-user'}",
        "{'ask':'close-user','user':'{}'}",
        "{'ask':'followers','channel':'nobody'}",
        "{'ask':'followers','channel':7}",
        "{}",
        "[]",
        "null",
        "'text'"
      })
  void unknownQueriesAreAnsweredWithNotUnderstood(String question) {
    receiveQuery(question, Duration.ZERO);
    assertThat(peers.texts(Kind.ANSWER))
        .containsExactly(
            json("{'version':1,'id':'" + SOME_ID + "','answer':{'answer':'not-understood'}}"));
    assertThat(counted("heliograph.cluster.heard", "not_understood")).isEqualTo(1);
  }

  @Test
  void queriesOfALaterVersionAreAnsweredWithNotUnderstood() {
    peers.receive(
        "b",
        Kind.QUESTION,
        json("{'version':2,'id':'" + SOME_ID + "','within':800,'question':{'ask':'session'}}"),
        Duration.ZERO);
    assertThat(peers.texts(Kind.ANSWER)).singleElement().asString().contains("not-understood");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "null",
        "7",
        "{'version':1}",
        "{'version':1,'id':'../..','within':800,'question':{'ask':'session'}}",
        "{'version':1,'id':7,'within':'soon'}",
        "{'version':1e999,'id':'AAAAAAAAAAAAAAAAAAAAAA'}"
      })
  @SuppressWarnings("JUnitMethodInvoked") // checks that the node still works
  void malformedMessagesAreCountedAndIgnored(String text) {
    peers.receive("b", Kind.QUESTION, json(text), Duration.ZERO);
    peers.receive("b", Kind.ANSWER, json(text), Duration.ZERO);
    assertThat(peers.sent()).isEmpty();
    assertThat(counted("heliograph.cluster.heard", "malformed")).isEqualTo(1);
    aSingleNodeAnswersAtOnce();
  }

  @Test
  void answersContainNoToken() {
    hub.connect("alice");
    receiveQuery("{'ask':'sessions','limit':10}", Duration.ZERO);
    assertThat(peers.texts(Kind.ANSWER))
        .singleElement()
        .asString()
        .contains("\"user\":\"alice\"")
        .doesNotContainIgnoringCase("token");
  }

  private List<String> ids(Cluster asked, @Nullable String user, @Nullable Channel channel) {
    return asked.sessions(new Cluster.Filter(user, channel), null, 10).join().sessions().stream()
        .map(SessionInfo::session)
        .toList();
  }

  /** Receives a query of another node, which waits for 800 ms. */
  private void receiveQuery(String question, Duration ago) {
    peers.receive(
        "b",
        Kind.QUESTION,
        json("{'version':1,'id':'" + SOME_ID + "','within':800,'question':" + question + "}"),
        ago);
  }

  /** Receives an answer to the last query of this node. */
  private void receiveAnswer(String node, String answer) {
    String question = peers.texts(Kind.QUESTION).getLast();
    String id = question.replaceAll("^.*?\"id\":\"([^\"]+)\".*", "$1");
    peers.receive(
        node,
        Kind.ANSWER,
        json("{'version':1,'id':'" + id + "','answer':" + answer + "}"),
        Duration.ZERO);
  }

  private static String json(String text) {
    return text.replace('\'', '"');
  }

  private double counted(String meter, String outcome) {
    return meters.get(meter).tag("outcome", outcome).counter().count();
  }

  private HubOfTests hub(RecordingBus node) {
    HubOfTests fresh = new HubOfTests(node, clock);
    hubs.add(fresh);
    return fresh;
  }

  private Cluster cluster(RecordingBus node, HubOfTests of, Executor executor) {
    Cluster fresh =
        new Cluster(
            node,
            new LocalNode(of.parts().registry(), clock),
            Duration.ofSeconds(1),
            executor,
            (_, end) -> deadlines.add(end),
            of::nanos,
            new ClusterMetrics(meters, node::count));
    fresh.start();
    return fresh;
  }
}
