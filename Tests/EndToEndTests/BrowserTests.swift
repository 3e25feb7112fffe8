import Foundation
import PythonPeer
import Testing

@Suite("The page in a browser")
struct BrowserTests {
    private static let python = Python.interpreter(importing: "selenium, axe_selenium_python")
    private static let hasChromium = ["chromium", "chromedriver"].allSatisfy { name in
        FileManager.default.isExecutableFile(atPath: "/usr/bin/\(name)")
    }
    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Browser/browse.py").path

    /// Screenshots stay in the folder that FINETUNER_CACHE_SCREENSHOTS names, to be looked at.
    @Test(
        "searches, filters, shows heads side by side, a map, runs and the store; works with keys, in the dark and on a phone",
        .enabled(
            if: python != nil && hasChromium,
            "needs chromium, chromium-driver, and Python with selenium and axe-selenium-python"))
    func page() throws {
        let world = try SampleWorld()
        // A name that would run a script where a page took it for markup.
        try FileManager.default.moveItem(
            atPath: world.program.path("photos/class-3"),
            toPath: world.program.path("photos/<img src=x onerror=alert(1)>"))
        #expect(try world.build().status == 0)
        let trained = try world.program.run("train-head", "--output-dim", "8", "--epochs", "2", "--name", "h")
        #expect(trained.status == 0, "\(trained.messages)")
        let training = try longTraining(in: world)
        defer { training.terminate() }
        let served = try ServedStore(world: world)
        let shots = ProcessInfo.processInfo.environment["FINETUNER_CACHE_SCREENSHOTS"] ?? world.program.path("shots")
        try FileManager.default.createDirectory(atPath: shots, withIntermediateDirectories: true)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            try #require(Self.python), Self.script, served.address, world.program.path("photos/class-1/0.bmp"), shots,
            "live", "\(training.processIdentifier)",
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(text)")
        #expect(text.split(separator: "\n").count { $0.hasPrefix("ok ") } >= 58, "\(text)")
    }

    /// A run that goes on until it is interrupted.
    private func longTraining(in world: SampleWorld) throws -> Process {
        let training = try world.program.start([
            "train-head", "--output-dim", "8", "--epochs", "1000000", "--patience", "1000000", "--name", "live",
        ])
        training.standardOutput = FileHandle.nullDevice
        training.standardError = FileHandle.nullDevice
        try training.run()
        return training
    }
}
