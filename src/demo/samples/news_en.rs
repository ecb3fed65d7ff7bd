//! News in English.

use super::{Sample, Shape, Source};

pub(super) const SOURCE: Source = Source {
    folder: "kamakura-coast-weekly",
    file: "feed.atom",
    shape: Shape::Atom,
    title: "Kamakura Coast Weekly",
    about: "Small news from the shores and side streets of Japan.",
    language: "en",
    section: "news",
    pictures: &[
        (0, "A coast at dusk, the last light on the water"),
        (2, "Green hills above the Inland Sea in the morning"),
        (5, "Snow on the hills of Hokkaido under a low sun"),
    ],
    jobs: &[],
    items: &[
        Sample {
            hours_ago: 2,
            category: "Towns",
            title: "A late train for the coast, and the noodle shops stay open",
            text: &[
                "From this month a last train leaves for the coast shortly before midnight on Fridays and Saturdays. \
                 Three noodle shops along the platforms have already moved their closing hour to match.",
                "The railway calls it a trial for half a year. Residents had collected four thousand signatures, most \
                 of them from people who work in restaurants and used to sleep in the staff room.",
            ],
        },
        Sample {
            hours_ago: 22,
            category: "Culture",
            title: "A bathhouse in old Tokyo reopens as a reading room, tiles and all",
            text: &[
                "Where the big tub was, there are now cushions; the painted Mount Fuji looks down on eleven thousand \
                 books. Readers pay the old price of a bath and may stay until the shutters come down.",
                "The owner’s granddaughter kept the lockers. Visitors leave their telephones in them, and the wooden \
                 keys have become the most photographed thing on the street.",
            ],
        },
        Sample {
            hours_ago: 41,
            category: "Technology",
            title: "Island ferries on the Inland Sea try an electric boat for the school run",
            text: &[
                "Twenty-six pupils from four islands now cross to the mainland in near silence. The boat charges \
                 during lessons from panels on the roof of the harbour office.",
                "Its skipper says the hardest part was to get used to hearing the children. If the trial goes well, \
                 the town wants to replace two more of its seven diesel boats.",
            ],
        },
        Sample {
            hours_ago: 63,
            category: "Countryside",
            title: "Empty schools in the hills of Shikoku find tenants: a brewery, a dentist, a film archive",
            text: &[
                "Of nineteen school buildings that closed in one district over the past decade, twelve are in use \
                 again. The district lends them for the cost of the roof.",
                "The most recent arrival restores home movies from the age of eight-millimetre film. It occupies the \
                 former science room, which already had curtains that keep out the light.",
            ],
        },
        Sample {
            hours_ago: 80,
            category: "Culture",
            title: "City libraries in Osaka lend violins, with a term of lessons in the same loan",
            text: &[
                "Forty instruments, donated and repaired by volunteers, can be borrowed for three months. The waiting \
                 list was full within two days.",
                "Lessons take place on Saturday mornings in the children’s section, on the understanding that \
                 everybody makes noise there anyway.",
            ],
        },
        Sample {
            hours_ago: 101,
            category: "Countryside",
            title: "A dairy town in Hokkaido heats its greenhouses with what the cows leave behind",
            text: &[
                "Gas from manure keeps six greenhouses at twenty degrees while it freezes outside. The first mangoes \
                 are sold at the bus terminal, one to a customer.",
                "The plant serves thirty-one farms. What is left after fermentation goes back to the fields, and \
                 neighbours report that it smells of very little.",
            ],
        },
        Sample {
            hours_ago: 124,
            category: "Towns",
            title: "Kanazawa’s gold-leaf makers open eight workshops to visitors, one afternoon a week",
            text: &[
                "Guests may beat a leaf until it is thin enough to float on breath. Most of them fail, say the \
                 masters, and buy one that did not.",
                "Two of the workshops have taken on apprentices since the open afternoons began, the first in eleven \
                 years.",
            ],
        },
    ],
};
