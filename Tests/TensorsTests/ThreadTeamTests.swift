import Dispatch
import Foundation
import Synchronization
import Testing

@testable import Tensors

@Suite("A team of threads")
struct ThreadTeamTests {
    // More workers than processors: they are taken off them in the midst of everything. A team stays until the process ends.
    private func largeTeam() -> ThreadTeam { ThreadTeam(workers: 7) }
    private func nobody() -> ThreadTeam { ThreadTeam(workers: 0) }

    private func visits(_ count: Int, of team: ThreadTeam) -> [Int] {
        var visits = [Int](repeating: 0, count: count)
        visits.withUnsafeMutableBufferPointer { visits in
            #expect(team.forEach(count) { visits[$0] += 1 })
        }
        return visits
    }

    @Test("calls each piece once, loop after loop")
    func coverage() {
        let (team, alone) = (largeTeam(), nobody())
        for round in 0..<20_000 {
            let count = 1 + round % 13
            #expect(visits(count, of: team) == [Int](repeating: 1, count: count))
        }
        #expect(visits(5, of: alone) == [1, 1, 1, 1, 1])
        #expect(visits(0, of: alone) == [])
    }

    @Test("shares the pieces out: those that wait for each other end, after a sleep too")
    func sharing() {
        let team = ThreadTeam(workers: 6)
        for pause: UInt32 in [0, 3000, 0, 3000] {
            usleep(pause)
            let (met, end) = (Counter(), Date(timeIntervalSinceNow: 60))
            #expect(
                team.forEach(7) { _ in
                    met.add()
                    while met.value < 7 && Date() < end { sched_yield() }
                })
            #expect(Date() < end)
        }
    }

    @Test("wakes its leader, who fell asleep")
    func sleep() {
        let team = largeTeam()
        for pause: UInt32 in [0, 1, 100, 1000] {
            for _ in 0..<20 {
                usleep(pause)
                let sum = Atomic(0)
                #expect(
                    team.forEach(9) { piece in
                        usleep(pause)  // longer than the leader stays awake
                        sum.add(piece, ordering: .relaxed)
                    })
                #expect(sum.load(ordering: .relaxed) == 36)
            }
        }
    }

    @Test("does not take a loop while it is in one")
    func nested() {
        let (team, refused, called) = (nobody(), Counter(), Counter())
        #expect(
            team.forEach(3) { _ in
                if !team.forEach(2, { _ in called.add() }) { refused.add() }
            })
        #expect(refused.value == 3 && called.value == 0)
        #expect(visits(2, of: team) == [1, 1])
    }

    @Test("does each of many threads' loops, or none of it")
    func rivals() {
        let (team, done, pieces) = (largeTeam(), Counter(), Counter())
        DispatchQueue.concurrentPerform(iterations: 6) { _ in
            for _ in 0..<2_000 {
                if team.forEach(5, { _ in pieces.add() }) { done.add() }
            }
        }
        #expect(done.value > 0 && pieces.value == 5 * done.value)
    }

    private final class Counter: Sendable {
        private let count = Atomic(0)
        var value: Int { count.load(ordering: .sequentiallyConsistent) }
        func add() { count.add(1, ordering: .sequentiallyConsistent) }
    }
}
