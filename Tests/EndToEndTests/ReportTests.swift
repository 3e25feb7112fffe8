import Foundation
import Tensors
import Testing

@Suite("A report about a head")
struct ReportTests {
    @Test("is one file with curves, metrics, examples and classes, and the commands in it make the same head again")
    func report() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        try FileManager.default.moveItem(
            atPath: world.program.path("photos/class-3"), toPath: world.program.path("photos/<b onload=x()>&"))
        #expect(try world.build().status == 0)
        let trained = try world.program.run(
            "train-head", "--output-dim", "8", "--epochs", "3", "--name", "h", "--seed", "7", "--loss",
            "ContrastiveLoss(neg_margin=0.8)", "--learning-rate", "1e-3", "--keep-trained", "--batch-size", "16")
        #expect(trained.status == 0, "\(trained.messages)")
        let made = try world.program.run("report", "--head", "h", "-o", "r.html")
        #expect(made.status == 0, "\(made.messages)")
        let page = try String(contentsOfFile: world.program.path("r.html"), encoding: .utf8)
        #expect(page.utf8.count < 10 << 20 && page.contains("default-src 'none'") && !page.contains("<script"))
        #expect(!page.contains("<b onload") && page.contains("&lt;b onload=x()&gt;&amp;"))
        #expect(
            page.components(separatedBy: "<svg").count == 3 && page.components(separatedBy: "<section>").count == 10)
        #expect(page.contains("95 % interval of the change") && page.contains("data:image/jpeg;base64,"))
        let head = world.program.path("features.fcstore/heads/h/head.safetensors")
        let before = try Fingerprint(ofFileAt: head)
        #expect(page.contains(before.hex))
        let commands = page.components(separatedBy: "<pre>")[1].components(separatedBy: "</pre>")[0]
            .replacing("&#39;", with: "'").replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing(
                "&amp;", with: "&")
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = [
            "-ec",
            "finetuner_cache() { '\(Program.executable.path)' \"$@\"; }\n"
                + commands.replacing("finetuner-cache ", with: "finetuner_cache ") + " --replace",
        ]
        shell.currentDirectoryURL = world.program.folder
        shell.standardOutput = FileHandle.nullDevice
        shell.standardError = FileHandle.nullDevice
        try FileManager.default.removeItem(atPath: world.program.path("features.fcstore"))
        try shell.run()
        shell.waitUntilExit()
        #expect(shell.terminationStatus == 0, "\(commands)")
        #expect(try Fingerprint(ofFileAt: head) == before, "\(commands)")
    }

    @Test("needs a trained head")
    func none() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        let none = try world.program.run("report")
        #expect(none.status == 2 && none.messages.contains("train-head"))
    }
}
