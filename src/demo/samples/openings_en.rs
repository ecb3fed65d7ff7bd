//! Openings in English.

use super::{Sample, Shape, Source};

pub(super) const SOURCE: Source = Source {
    folder: "harbour-jobs",
    file: "feed.json",
    shape: Shape::JsonFeed,
    title: "Harbour Jobs Japan",
    about: "Positions, residencies and calls that are open to people from anywhere.",
    language: "en",
    section: "openings",
    pictures: &[],
    jobs: &[],
    items: &[
        Sample {
            hours_ago: 8,
            category: "Engineering",
            title: "Rust engineer for harbour logistics, Yokohama",
            text: &[
                "A team of nine keeps track of forty thousand containers and looks for a tenth. Two days a week at \
                 the harbour, the rest wherever you work well; meetings are in English, the cranes are in Japanese.",
                "Visa support is offered. Send a few lines and something you have built.",
            ],
        },
        Sample {
            hours_ago: 27,
            category: "Arts",
            title: "Artists’ residency: two months in a hillside house, Onomichi",
            text: &[
                "Room, studio and a small stipend for three artists of any discipline. All that is asked in return is \
                 one open evening for the neighbours, who are curious and bring food.",
                "Apply with a portfolio and one page about what you would like to begin there.",
            ],
        },
        Sample {
            hours_ago: 45,
            category: "Research",
            title: "Postdoctoral researcher in marine ecology, Hakodate",
            text: &[
                "Three years, full time, to study kelp forests and what lives in them. Diving experience is welcome; \
                 warm gloves are provided.",
                "The laboratory works in English and Japanese. Candidates receive an answer within four weeks.",
            ],
        },
        Sample {
            hours_ago: 66,
            category: "Languages",
            title: "Museum translator, Japanese to English, Nara",
            text: &[
                "Half-time position for labels, catalogues and the occasional poem. You read pre-war orthography \
                 without sighing, or at least quietly.",
                "Work from home is possible three days a week. A short test translation is paid.",
            ],
        },
        Sample {
            hours_ago: 84,
            category: "Hospitality",
            title: "Host and guide at a mountain lodge, Nagano",
            text: &[
                "For someone who likes early mornings, snow and people, in that order. Board and lodging included; \
                 English and conversational Japanese needed.",
                "The lodge has fourteen beds, one dog and no mobile reception.",
            ],
        },
        Sample {
            hours_ago: 107,
            category: "Languages",
            title: "Coordinator for a team of language teachers, Matsuyama",
            text: &[
                "Plan timetables, visit classrooms and speak up for twenty-two assistant teachers in city schools. \
                 Business Japanese required, patience tested at the interview.",
                "The contract runs for three years and can be renewed once.",
            ],
        },
        Sample {
            hours_ago: 130,
            category: "Calls",
            title: "Open call: small grants for community gardens, nationwide",
            text: &[
                "Up to 300,000 yen for gardens that are shared by at least ten households. Roofs, car parks and \
                 temple grounds count.",
                "The form is two pages long and exists in Japanese, English, Portuguese and Vietnamese.",
            ],
        },
    ],
};
