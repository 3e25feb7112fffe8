import Foundation
import Testing

@Suite("Builds that are stopped")
struct InterruptionTests {
    /// Starts a build, sends `signal` after `delay` seconds and returns how it ended.
    private func interrupt(_ world: SampleWorld, with signal: Int32, after delay: Double) throws -> Process {
        let process = try world.program.start([
            "build", "photos", "--weights", "net.safetensors", "--batch-size", "1", "--store", "stopped.fcstore",
        ])
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        Thread.sleep(forTimeInterval: delay)
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        return process
    }

    /// How many pictures a build has committed that `signal` stopped in its midst. How long it takes to get there depends on what
    /// else the machine does: the delay is longer where it had nothing yet, shorter where it was done.
    private func kept(_ world: SampleWorld, _ signal: Int32) throws -> Int {
        struct Contents: Decodable { let pictures: Int }
        var delay = 0.4
        for _ in 0..<30 {
            try? FileManager.default.removeItem(atPath: world.program.path("stopped.fcstore"))
            let process = try interrupt(world, with: signal, after: delay)
            let wasDone = process.terminationReason == .exit && process.terminationStatus == 0
            delay *= wasDone ? 0.6 : 1.5
            guard process.terminationReason == .exit, process.terminationStatus == 130 else { continue }
            let inspected = try world.program.run("inspect", "--store", "stopped.fcstore", "--json")
            if let kept = try? inspected.json(as: Contents.self).pictures, kept > 0 { return kept }
        }
        return 0
    }

    private func export(_ store: String, _ world: SampleWorld) throws -> Data {
        let run = try world.program.run("export", "--store", store, "-o", "out.npy")
        #expect(run.status == 0, "\(run.messages)")
        return try Data(contentsOf: URL(fileURLWithPath: world.program.path("out.npy")))
    }

    @Test("SIGINT and SIGTERM commit what is done and exit with 130")
    func stopped() throws {
        let world = try SampleWorld(classes: 8, perClass: 150)
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        for signal in [SIGINT, SIGTERM] {
            let kept = try kept(world, signal)
            #expect(kept > 0 && kept < 1200)
            let finished = try world.build("--store", "stopped.fcstore")
            #expect(finished.status == 0, "\(finished.messages)")
            #expect(finished.output.contains("\(kept) unchanged"), "\(finished.output)")
            #expect(try export("stopped.fcstore", world) == export("features.fcstore", world))
        }
    }
}
