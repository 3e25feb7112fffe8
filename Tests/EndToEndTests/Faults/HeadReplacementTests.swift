import Foundation
import Pipeline
import Synchronization
import Tensors
import Testing

@Suite("Heads that are replaced while others read them")
struct HeadReplacementTests {
    struct Problem: Error, CustomStringConvertible { let description: String }

    @Test("Four readers never see a damaged head, nor a mixture of two, whether the writer ends or is killed")
    func readers() throws {
        let world = try SampleWorld(classes: 2, perClass: 8)
        let program = world.program
        defer { program.clean() }
        try Scenario.run(Scenario.build, program)
        var whole: Set<Data> = []
        for seed in ["3", "4"] {
            try Scenario.run(Scenario.trainHead + ["--seed", seed], program)
            whole.insert(try Self.embeddings(program, "truth"))
        }
        let heads = whole
        let work = SideBySide(for: .seconds(LongForm.isOn ? 60 : 3), least: ["replaced": 3, "read": 8])
        work.run(workers: 5) { worker in
            if worker == 0 {
                try Self.replace(program, work.done("replaced") + 1)
                return "replaced"
            }
            let found = try Self.embeddings(program, "reader-\(worker)")
            guard heads.contains(found) else { throw Problem(description: "a head that nobody trained") }
            let verified = try program.run("verify", "--store", Scenario.store)
            guard verified.status == 0 else { throw Problem(description: verified.output) }
            return "read"
        }
        #expect(work.problems == [])
        LongForm.tell("heads: \(work.done("replaced")) replacements, \(work.done("read")) times read and verified")
    }

    @Test("A check that meets the exchange in its middle looks again")
    func exchangedInBetween() throws {
        let world = try SampleWorld(classes: 2, perClass: 8)
        let (program, files) = (world.program, FileManager.default)
        defer { program.clean() }
        try Scenario.run(Scenario.build, program)
        let head = program.path("\(Scenario.store)/heads/h")
        for seed in ["3", "4"] {
            try Scenario.run(Scenario.trainHead + ["--seed", seed], program)
            try files.copyItem(atPath: head, toPath: program.path("head-\(seed)"))
        }
        let isDone = Mutex(false)
        let found = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 2) { worker in
            guard worker == 0 else {
                let library = HeadLibrary(storeAt: program.path(Scenario.store))
                while !isDone.withLock({ $0 }) {
                    for error in library.damaged() { found.withLock { $0.append("\(error)") } }
                }
                return
            }
            for number in 0..<1500 {
                try? AtomicFolder.write(head) { folder in
                    for name in ["head.safetensors", "run.json"] {
                        try FileManager.default.copyItem(
                            atPath: program.path("head-\(3 + number % 2)/\(name)"), toPath: "\(folder)/\(name)")
                    }
                }
            }
            isDone.withLock { $0 = true }
        }
        let problems = found.withLock { $0 }
        #expect(problems.isEmpty, "\(problems.count), the first: \(problems.first ?? "")")
    }

    private static func embeddings(_ program: Program, _ name: String) throws -> Data {
        try Scenario.run(["export", "--store", Scenario.store, "--head", "h", "-o", "\(name).npy"], program)
        return try Data(contentsOf: URL(fileURLWithPath: program.path("\(name).npy")))
    }

    /// Trains one of the two heads again; every third run is killed at a call of its own choice, in the middle of the exchange
    /// among others.
    private static func replace(_ program: Program, _ number: Int) throws {
        let command = Scenario.trainHead + ["--seed", "\(3 + number % 2)"]
        guard number % 3 == 0, FaultLibrary.isAvailable else {
            try Scenario.run(command, program)
            return
        }
        let folder = program.folder.resolvingSymlinksInPath().path + "/state"
        let fault = Fault(kind: .kill, moment: .call(8 + number / 3 % 12))
        _ = try program.run(command, environment: FaultLibrary.environment(watching: folder, fault: fault))
    }
}
