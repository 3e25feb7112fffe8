import Foundation
import Tensors
import Testing

@Suite("kill -9 at random moments")
struct KillTests {
    /// In the long form 1,000 kills or a few more over all scenarios.
    private static let killsEach = LongForm.isOn ? 1000 / Scenario.all.count + 1 : 8

    @Test("Killed once or twice, then the same command: the same result", arguments: Scenario.all)
    func killed(scenario: Scenario) throws {
        // Builds of more than one chunk.
        let stage = try Stage(scenario, size: scenario.command[0] == "build" ? 300 : 24)
        defer { stage.program.clean() }
        var generator = SeededGenerator(seed: 3)
        var (kills, inTime) = (0, 0)
        // As long as the command takes: that changes with what else the machine does, so that kills may come too late many times.
        var longest = stage.duration
        while kills < Self.killsEach || inTime <= Self.killsEach / 4, kills < 8 * Self.killsEach {
            try stage.reset()
            for _ in 0...generator.index(below: 2) {
                let moment = longest * Double(generator.uniform(0, 1.1))
                kills += 1
                if try kill(stage, after: moment) {
                    inTime += 1
                    longest = max(longest, moment)
                } else {
                    longest = min(longest, moment)
                }
            }
            try stage.finish("\(scenario.name) after \(kills) kills")
        }
        #expect(inTime > Self.killsEach / 4, "most of \(kills) kills came too late")
        LongForm.tell("\(scenario.name): \(kills) kills, \(inTime) of them while it ran")
    }

    /// Starts the command and kills it after `moment`. Returns whether it was still running.
    private func kill(_ stage: Stage, after moment: Duration) throws -> Bool {
        let process = try stage.program.start(stage.scenario.command, environment: [:])
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
