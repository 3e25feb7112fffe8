import Foundation
import Tensors
import Testing

@Suite("kill -9 at random moments")
struct KillTests {
    @Test("Killed once or twice, then the same command: the same result", arguments: Scenario.all)
    func killed(scenario: Scenario) throws {
        // Builds of more than one chunk.
        let stage = try Stage(scenario, size: scenario.command[0] == "build" ? 300 : 12)
        defer { stage.program.clean() }
        var generator = SeededGenerator(seed: 3)
        var (kills, inTime) = (0, 0)
        while kills < (LongForm.isOn ? 1000 : 20) {
            try stage.reset()
            for _ in 0...generator.index(below: 2) {
                let moment = stage.duration * Double(generator.uniform(0, 1.1))
                kills += 1
                inTime += try kill(stage, after: moment) ? 1 : 0
            }
            try stage.finish("\(scenario.name) after \(kills) kills")
        }
        #expect(inTime > kills / 3, "most of \(kills) kills came too late")
    }

    /// Starts the command and kills it after `moment`. Returns whether it was still running.
    private func kill(_ stage: Stage, after moment: Duration) throws -> Bool {
        let process = try stage.program.start(stage.scenario.command, environment: ["OMP_WAIT_POLICY": "passive"])
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let seconds = Double(moment.components.seconds) + Double(moment.components.attoseconds) * 1e-18
        Thread.sleep(forTimeInterval: seconds)
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        return process.terminationReason == .uncaughtSignal
    }
}
