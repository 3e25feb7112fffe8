import Dispatch
import Foundation
import Tensors
import Testing

@Suite("A thread for work")
struct WorkThreadTests {
    /// What a database is to Dispatch: a queue that knows something of itself.
    private final class Database: Sendable {
        private static let key = DispatchSpecificKey<Int>()
        private let queue = DispatchQueue(label: "database")

        init() { queue.setSpecific(key: Self.key, value: 1) }

        func read() -> Int? { queue.sync { DispatchQueue.getSpecific(key: Self.key) } }
    }

    // With Foundation's Thread in its place the program ends here: what Dispatch keeps for a thread is freed twice.
    @Test("may hold the last reference to a database")
    func lastReference() {
        for _ in 0..<1000 {
            let done = DispatchSemaphore(value: 0)
            do {
                let database = Database()
                WorkThread.start("reader") {
                    DispatchQueue.concurrentPerform(iterations: 8) { _ in #expect(database.read() == 1) }
                    done.signal()
                }
            }
            done.wait()
        }
    }

    @Test("has its name, and lets go of its work")
    func name() {
        let (done, freed) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let found = Found()
        do {
            let witness = Witness { freed.signal() }
            WorkThread.start("painter") {
                withExtendedLifetime(witness) {
                    found.name = try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)
                }
                done.signal()
            }
        }
        #expect(done.wait(timeout: .now() + 300) == .success && freed.wait(timeout: .now() + 300) == .success)
        #expect(found.name == "painter\n")
    }

    private final class Found: @unchecked Sendable { var name: String? }

    private final class Witness: Sendable {
        private let farewell: @Sendable () -> Void
        init(_ farewell: @escaping @Sendable () -> Void) { self.farewell = farewell }
        deinit { farewell() }
    }
}
