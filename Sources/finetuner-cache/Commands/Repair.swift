import ArgumentParser
import FeatureStorage
import Foundation
import Pipeline
import Tensors

struct Repair: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a damaged store whole: a new index from the segments, without what is damaged.",
        discussion: """
            The new index is made in a file of its own and then takes the place of the old one. Lists what is lost; the next \
            build computes it again. Exit codes: 0 nothing is lost, 1 something is, 2 error.
            """)

    @OptionGroup var store: StoreOptions

    @Flag(help: "Print the result as JSON.")
    var json = false

    func run() throws {
        store.warnOfNetwork(writing: true)
        let report = try StoreRepair(path: store.path).run()
        for error in try SearchFiles(storeAt: store.path).removeDamaged() {
            Console.note("\(error.object) \(error.fact): taken away, and made again by the next query or index build")
        }
        if json { try JSONOutput.print(Answer(store: store.path, report: report)) } else { show(report) }
        if !report.isClean { throw ExitCode.damaged }
    }

    private func show(_ report: StoreRepair.Report) {
        for segment in report.segmentsSetAside { print("set aside: \(segment)") }
        for segment in report.segments {
            for range in segment.damagedRanges {
                print("\(segment.name): \(range.count) damaged bytes at \(range.lowerBound) left out")
            }
            if segment.tornBytes > 0 { print("\(segment.name): \(segment.tornBytes) bytes cut off its end") }
        }
        for path in report.lostPictures { print("feature lost: \(Formats.visible(path))") }
        for path in report.lostPaths { print("no longer listed: \(Formats.visible(path))") }
        let lost = report.lostPictures.count + report.lostPaths.count
        print(
            "\(store.path): the index was made anew; \(lost == 0 ? "no picture is lost" : "\(Formats.count(lost, "picture")) to be computed again by the next build")"
        )
        if !report.indexWasReadable {
            Console.note("the old index could not be read; what is lost with damaged bytes cannot all be told by name")
        }
    }

    private struct Answer: Encodable {
        let schema = 1
        let store: String
        let report: StoreRepair.Report
    }
}
